import { test } from 'uvu';
import { BINANCE_FAULTS } from '../../support/faults/cases.ts';
import { testFaults } from '../../support/faults/property.ts';

testFaults(BINANCE_FAULTS);

test.run();
