import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { Clock } from '../core/time.ts';
import { defaultEngineCore, pinCurrentThread } from './pin.ts';

export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** The one line that mends it; empty when nothing needs mending. */
  readonly mend: string;
}

const CLOCK_SAMPLES = 200_000;

/** Checks what a low-latency user must know of this machine. Reads only; pins the calling thread to test that it can. */
export function runDoctor(clock: Clock): Check[] {
  return [
    nodeVersion(),
    cores(),
    quota(),
    governor(),
    isolation(),
    siblings(),
    clockCost(clock),
    clockSource(),
    pinning(),
    memory(),
    memlock(),
    hugePages(),
    swap(),
    flags(),
    sharedMemory(),
  ];
}

function ok(name: string, found: string): Check {
  return { name, status: 'ok', found, mend: '' };
}

function warn(name: string, found: string, mend: string): Check {
  return { name, status: 'warn', found, mend };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function nodeVersion(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const found = `Node ${process.versions.node}, V8 ${process.versions.v8}`;
  if (major < 20 || (major === 20 && minor < 19)) {
    return { name: 'node', status: 'fail', found, mend: 'install Node 20.19 or later (24 or later recommended)' };
  }
  if (major < 24) return warn('node', found, 'Node 24 or later runs straight-line Wasm SIMD faster; set TICKPATH_NODE to its binary');
  return ok('node', found);
}

function cores(): Check {
  const count = availableParallelism();
  if (count >= 4) return ok('cores', `${count} available`);
  return warn('cores', `${count} available`, 'leave the kernel a core: use --topology inline (one spinning thread) below 4 cores');
}

function quota(): Check {
  const text = readText('/sys/fs/cgroup/cpu.max');
  if (text === undefined || text.startsWith('max')) return ok('cgroup quota', 'none');
  const [limit = 0, period = 1] = text.split(' ').map(Number);
  return warn(
    'cgroup quota',
    `${(limit / period).toFixed(2)} cores (${text})`,
    'a quota stops a spinning thread for the rest of each period: remove cpu.max or use cpusets',
  );
}

function governor(): Check {
  const text = readText('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor');
  if (text === undefined) return ok('governor', 'not exposed (virtual machine)');
  if (text === 'performance') return ok('governor', text);
  return warn('governor', text, 'cpupower frequency-set -g performance');
}

function isolation(): Check {
  const text = readText('/sys/devices/system/cpu/isolated') ?? '';
  if (text !== '') return ok('isolated cores', text);
  return warn(
    'isolated cores',
    'none',
    `boot with isolcpus=${defaultEngineCore()} nohz_full=${defaultEngineCore()} to keep other work off the engine core`,
  );
}

function siblings(): Check {
  const text = readText('/sys/devices/system/cpu/cpu0/topology/thread_siblings_list') ?? '';
  if (!/[,-]/.test(text)) return ok('SMT', 'no sibling threads visible');
  return warn(
    'SMT',
    `core 0 shares ${text}`,
    'echo off > /sys/devices/system/cpu/smt/control, or keep the sibling of the engine core idle',
  );
}

function clockCost(clock: Clock): Check {
  const begin = clock.nowNs();
  let last = begin;
  let smallest = Number.MAX_VALUE;
  for (let i = 0; i < CLOCK_SAMPLES; i++) {
    const now = clock.nowNs();
    const step = now - last;
    if (step > 0 && step < smallest) smallest = step;
    last = now;
  }
  const cost = (last - begin) / CLOCK_SAMPLES;
  const found = `${cost.toFixed(0)} ns a call, smallest step ${smallest} ns (${clock.source})`;
  if (cost < 200) return ok('clock cost', found);
  return warn('clock cost', found, 'the kernel clock is slow here: see clock source');
}

function clockSource(): Check {
  const text = readText('/sys/devices/system/clocksource/clocksource0/current_clocksource');
  if (text === undefined) return ok('clock source', 'not exposed');
  if (text === 'tsc' || text === 'kvm-clock' || text === 'arch_sys_counter') return ok('clock source', text);
  return warn('clock source', text, 'echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource');
}

function pinning(): Check {
  const result = pinCurrentThread(defaultEngineCore());
  if (result.ok) return ok('pinning', `threads can be ${result.message}`);
  return warn('pinning', result.message, 'allow sched_setaffinity (Docker: --cpuset-cpus names the cores; seccomp must not forbid it)');
}

function memory(): Check {
  const bytes = totalmem();
  const found = `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  return bytes >= 2 ** 30 ? ok('memory', found) : warn('memory', found, 'give the process at least 1 GiB');
}

function memlock(): Check {
  const line = (readText('/proc/self/limits') ?? '').split('\n').find((text) => text.startsWith('Max locked memory'));
  if (line === undefined) return ok('memlock', 'not exposed');
  const soft = line.split(/\s{2,}/)[1] ?? '';
  if (soft === 'unlimited' || Number(soft) >= 256 * 2 ** 20) return ok('memlock', soft);
  return warn('memlock', `${soft} bytes`, 'ulimit -l unlimited (Docker: --ulimit memlock=-1)');
}

function hugePages(): Check {
  const text = readText('/sys/kernel/mm/transparent_hugepage/enabled');
  if (text === undefined) return ok('transparent huge pages', 'not exposed');
  const mode = /\[(\w+)\]/.exec(text)?.[1] ?? text;
  if (mode !== 'always') return ok('transparent huge pages', mode);
  return warn('transparent huge pages', mode, 'echo madvise > /sys/kernel/mm/transparent_hugepage/enabled (compaction stalls threads)');
}

function swap(): Check {
  const lines = (readText('/proc/swaps') ?? '').split('\n').length - 1;
  return lines <= 0
    ? ok('swap', 'none')
    : warn('swap', `${lines} device(s)`, 'swapoff -a, or a page of a ring may be on disk when a tick needs it');
}

function flags(): Check {
  const wanted = ['--max-inlined-bytecode-size=1500', '--no-liftoff'];
  const missing = wanted.filter((flag) => !process.execArgv.includes(flag));
  if (missing.length === 0) return ok('V8 flags', process.execArgv.join(' '));
  return warn('V8 flags', `missing ${missing.join(' ')}`, 'start through bin/tickpath, which sets them');
}

function sharedMemory(): Check {
  try {
    const memory = new WebAssembly.Memory({ initial: 64, maximum: 64, shared: true });
    if (memory.buffer instanceof SharedArrayBuffer) return ok('shared memory', 'a shared WebAssembly memory can be allocated');
  } catch (error) {
    return {
      name: 'shared memory',
      status: 'fail',
      found: (error as Error).message,
      mend: 'rings need SharedArrayBuffer and shared WebAssembly memory',
    };
  }
  return { name: 'shared memory', status: 'fail', found: 'not shared', mend: 'rings need a shared WebAssembly memory' };
}

/** Whether ONNX Runtime's native binding is installed; loading it costs about 40 MB, so this looks without loading. */
export function onnxRuntimeInstalled(resolve: (name: string) => string): Check {
  try {
    const folder = new URL('.', `file://${resolve('onnxruntime-node/package.json')}`).pathname;
    const native = `${folder}bin/napi-v6/${process.platform}/${process.arch}`;
    if (existsSync(native) && readdirSync(native).length > 0) return ok('onnxruntime-node', 'installed');
  } catch {
    // Falls through to the same advice.
  }
  return warn(
    'onnxruntime-node',
    'not found for this platform',
    'npm install --ignore-scripts onnxruntime-node (needed by `model verify`, and for models the compiler does not cover)',
  );
}
