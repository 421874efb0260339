import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, TickpathError } from '../core/errors.ts';

const LOCK_NAME = 'recorder.pid';
/** Field of /proc/PID/stat, counted behind the command: when the process was started, in clock ticks since the machine was. */
const START_FIELD = 19;

/**
 * Makes a folder this process's own to write to; the function returned gives it back. A lock that a killed process left is
 * taken over: it names the process and, where the system tells, when that was started, because numbers come again. Throws
 * ERR_RECORDING when the process is still there: two recorders would cut each other's segments.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, LOCK_NAME);
  const text = `${process.pid} ${startOf(process.pid) ?? ''}\n`;
  for (;;) {
    try {
      writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST') throw new TickpathError('ERR_RECORDING', `${folder}: no folder to record into (${message})`, EXIT.USAGE);
    }
    const holder = holderOf(path);
    if (holder !== undefined)
      throw new TickpathError('ERR_RECORDING', `${folder}: process ${holder} records there; expected a folder of its own`, EXIT.USAGE);
    rmSync(path, { force: true });
  }
}

/** The process that holds the lock, undefined when it is gone. */
function holderOf(path: string): number | undefined {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const [pid = 0, start = ''] = text
    .trim()
    .split(' ')
    .map((one, i) => (i === 0 ? Number(one) : one)) as [number, string?];
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid || !isRunning(pid)) return undefined;
  const now = startOf(pid);
  return now === undefined || start === '' || now === start ? pid : undefined;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process was started, undefined where the system does not tell. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_FIELD];
  } catch {
    return undefined;
  }
}
