import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CONNECTION } from '../../src/core/ports.ts';
import type { Format } from '../../src/feed/formats.ts';
import type { LiveSettings } from '../../src/feed/live.ts';
import { externalData } from '../support/external-data.ts';
import { booksOfFile, ServeRig } from '../support/serve-rig.ts';

