import { test } from 'uvu';
import { CHECKSUM_FAULTS } from '../../support/faults/cases.ts';
import { testFaults } from '../../support/faults/property.ts';

testFaults(CHECKSUM_FAULTS);

test.run();
