import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, proveModel } from '../../../src/engine/model/load.ts';
import type { OnnxGraph, Tensor } from '../../../src/engine/model/onnx/graph.ts';
import { compiledAlone, verifyModel } from '../../../src/engine/model/verify.ts';
import { projectFile } from '../../support/project.ts';

const MODEL = projectFile('models/reference.onnx');
const SAMPLES = 1_000_000;
const { graph, proof } = loadModel(MODEL);

test('the shipped model, compiled, equals ONNX Runtime bit for bit on a million random and adversarial inputs', () => {
  let last = 0;
  const report = verifyModel(graph, SAMPLES, 20_260_101, (done) => {
    assert.ok(done > last);
    last = done;
  });
  assert.equal(report, { inferences: SAMPLES, mismatches: 0 });
  assert.is(last, SAMPLES);
});

test('the shipped model gives the outputs of its recorded proof', () => {
  assert.ok(proof.rows > 100);
  proveModel(compiledAlone(graph), proof, MODEL);
});

/** The graph with one element of one constant changed, while its bytes, which ONNX Runtime reads, stay as they were. */
function withChangedWeight(name: string, at: number): OnnxGraph {
  const tensors = new Map<string, Tensor>(graph.tensors);
  const tensor = tensors.get(name)!;
  const data = tensor.data.slice();
  data[at] = data[at]! + 1;
  tensors.set(name, { ...tensor, data });
  return { ...graph, tensors };
}

test('one weight off by one is found, with the inputs and outputs of the first row that shows it', () => {
  const weights = [...graph.tensors.values()].filter((tensor) => tensor.data instanceof Int8Array && tensor.dims.length === 2);
  assert.ok(weights.length >= 3, 'every layer has int8 weights');
  for (const { name, data } of weights) {
    const at = Math.floor(data.length / 3);
    const report = verifyModel(withChangedWeight(name, at), 20_000, 1);
    assert.ok(report.mismatches > 0, name);
    assert.is(report.first!.input.length, graph.inputCount);
    assert.is(report.first!.expected.length, graph.outputCount);
    assert.not.equal(report.first!.expected, report.first!.got, name);
  }
});

test('a seed gives the same inputs again and another seed others', () => {
  const changed = withChangedWeight(
    [...graph.tensors.values()].find((tensor) => tensor.data instanceof Int8Array && tensor.dims.length === 2)!.name,
    0,
  );
  const first = (seed: number) => verifyModel(changed, 20_000, seed).first;
  assert.equal(first(5), first(5));
  assert.not.equal(first(5), first(6));
});

test.run();
