import { createRequire } from 'node:module';
import type { onnx as OnnxNamespace } from 'onnx-proto';

/** onnx-proto is CommonJS whose exports Node cannot list ahead: it is required, and typed from its declarations. */
const { onnx } = createRequire(import.meta.url)('onnx-proto') as { onnx: typeof OnnxNamespace };

export type { OnnxNamespace };
export { onnx };
