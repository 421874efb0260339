import { test } from 'uvu';
import { LEVEL_FAULTS } from '../../support/faults/cases.ts';
import { testFaults } from '../../support/faults/property.ts';

testFaults(LEVEL_FAULTS);

test.run();
