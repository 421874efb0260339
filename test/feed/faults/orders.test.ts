import { test } from 'uvu';
import { ORDER_FAULTS } from '../../support/faults/cases.ts';
import { testFaults } from '../../support/faults/property.ts';

testFaults(ORDER_FAULTS);

test.run();
