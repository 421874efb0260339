import { EXIT, TickpathError } from '../../core/errors.ts';

/** What the compiler does not cover: the model can still run on ONNX Runtime. */
export class UnsupportedModelError extends TickpathError {
  constructor(file: string, text: string) {
    super('ERR_MODEL_UNSUPPORTED', `${file}: ${text}`, EXIT.DATA);
    this.name = 'UnsupportedModelError';
  }
}

/** A file that is no sound ONNX model: no back end may run it. */
export function refuseModel(file: string, text: string): never {
  throw new TickpathError('ERR_MODEL_ONNX', `${file}: ${text}`, EXIT.DATA);
}
