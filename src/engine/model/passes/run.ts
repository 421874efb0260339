import type { Graph } from '../ir/graph.ts';
import { dropDead } from './drop-dead.ts';
import { dropIdentities } from './drop-identities.ts';
import { foldConstants } from './fold-constants.ts';
import { fuseBias, quantizeBias } from './fuse-bias.ts';
import { fuseDequantize } from './fuse-dequantize.ts';
import { fuseQuantized } from './fuse-quantized.ts';
import { joinPairs } from './join-pairs.ts';
import { moveQuantization } from './move-quantization.ts';
import { orderProducts } from './order-products.ts';
import { tabulate } from './tabulate.ts';
import { unsignedActivations } from './unsigned-activations.ts';

export interface Pass {
  readonly name: string;
  readonly run: (graph: Graph) => Graph;
}

/**
 * The passes in order. Fusion stands before the folding of constants, because dequantized weights are to stay 8-bit; the
 * moves stand before fusion, because they bring operands side by side; what nobody reads goes last, because ONNX Runtime
 * counts dead readers when it decides on a fusion.
 */
export const PASSES: readonly Pass[] = [
  { name: 'drop-identities', run: dropIdentities },
  { name: 'join-pairs', run: joinPairs },
  { name: 'unsigned-activations', run: unsignedActivations },
  { name: 'move-quantization', run: moveQuantization },
  { name: 'fuse-bias', run: fuseBias },
  { name: 'quantize-bias', run: quantizeBias },
  { name: 'fuse-quantized', run: fuseQuantized },
  { name: 'tabulate', run: tabulate },
  { name: 'fuse-dequantize', run: fuseDequantize },
  { name: 'order-products', run: orderProducts },
  { name: 'drop-dead', run: dropDead },
  { name: 'fold-constants', run: foldConstants },
  { name: 'drop-identities', run: dropIdentities },
  { name: 'drop-dead', run: dropDead },
];

export function runPasses(graph: Graph): Graph {
  return PASSES.reduce((current, pass) => pass.run(current), graph);
}
