import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FEATURES } from '../../src/engine/features/feature-set.ts';
import { FEATURE_COUNT } from '../../src/engine/features/feature-stage.hot.ts';
import { dataFile } from '../support/data.ts';
import { compareWithNaive, replayFeatures } from '../support/feature-replay.ts';

for (const name of ['usdm_btcusdt_20240808.gz', 'usdm_ethusdt_20240718.gz']) {
  test(`${name}: features equal a recomputation from the whole history, and are finite to the end`, async () => {
    const file = dataFile(`binance/${name}`);
    if (file === undefined) return;
    await compareWithNaive([file], 6_000);
    let ready = 0;
    await replayFeatures([file], {}, ({ stage }, _, status) => {
      if (status === 0) ready++;
      for (let i = 0; i < FEATURE_COUNT; i++) if (!Number.isFinite(stage.raw[i]!)) assert.unreachable(FEATURES[i]!.name);
    });
    assert.ok(ready > 10_000);
  });
}

test.run();
