import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tickpath } from '../support/cli.ts';
import { projectFile } from '../support/project.ts';

const EXIT_CODES = '0 ok, 1 failure, 2 usage or configuration, 3 risk halt or kill, 4 data integrity, 5 assertion missed, 130 interrupted';

/** Every command, with options that its help must name. */
const COMMANDS: readonly (readonly [command: string, options: readonly string[]])[] = [
  ['demo', ['--speed', '--topology', '--run-dir', '--assert', '--json']],
  ['replay', ['--input', '--format', '--config', '--speed', '--topology', '--model', '--strategy', '--run-id', '--assert', '--json']],
  ['book', ['--input', '--depth', '--every', '--out']],
  ['serve', ['--input', '--format', '--protocol', '--host', '--port', '--speed', '--loop', '--json']],
  ['features', ['--input', '--out', '--json']],
  ['model', ['verify', 'bench']],
  ['model verify', ['--samples', '--seed', '--json']],
  ['model bench', ['--seconds', '--json']],
  ['record', ['--config', '--out', '--for', '--json']],
  ['report', ['--no-html', '--json']],
  ['verify', ['--json']],
  ['journal', ['check', 'cat']],
  ['journal check', ['--json']],
  ['journal cat', ['--kind', '--json']],
  ['bench', ['--smoke', '--json']],
  ['doctor', ['--json']],
];

test('the help of every command is on stdout, names its options and the exit codes, and ends with 0', async () => {
  for (const [command, options] of COMMANDS) {
    const { code, stdout, stderr } = await tickpath([...command.split(' '), '--help']);
    assert.is(code, 0, command);
    assert.is(stderr, '', command);
    assert.match(stdout, `Usage: tickpath ${command}`);
    for (const option of options) assert.ok(stdout.includes(option), `${command} --help names ${option}`);
    assert.ok(stdout.replace(/\s+/g, ' ').includes(EXIT_CODES), `${command} --help has the exit codes`);
  }
});

test('the help lists every command', async () => {
  const { code, stdout } = await tickpath(['--help']);
  assert.is(code, 0);
  for (const [command] of COMMANDS) assert.match(stdout, new RegExp(`^  ${command.split(' ')[0]} `, 'm'));
});

test('the version is that of package.json', async () => {
  const { version } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as { version: string };
  const { code, stdout } = await tickpath(['--version']);
  assert.equal([code, stdout], [0, `${version}\n`]);
});

test('what is no command or no option is a usage error that names it and suggests what was meant', async () => {
  const cases: readonly (readonly [args: string[], message: RegExp])[] = [
    [['rplay'], /unknown command 'rplay'\n\(Did you mean replay\?\)/],
    [['replay', '--inptu', 'x'], /unknown option '--inptu'\n\(Did you mean --input\?\)/],
    [['journal', 'chek', 'x'], /unknown command 'chek'\n\(Did you mean check\?\)/],
    [['verify'], /missing required argument 'run'/],
    [['report', 'a', 'b'], /too many arguments for 'report'/],
    [['replay', '--topology', 'ring'], /'--topology <topology>' argument 'ring' is invalid. Allowed choices are inline, pipeline/],
    [['book', '--depth', '0'], /'--depth <levels>' argument '0' is invalid. expected an integer from 1 to 99999/],
    [['model', 'verify', 'x', '--samples', '-3'], /'-n, --samples <count>' argument '-3' is invalid. expected a whole number above zero/],
    [['journal', 'cat', 'x', '--kind', 'trade'], /'--kind <kind...>' argument 'trade' is invalid. Allowed choices are signal, order/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await tickpath(args);
    assert.is(code, 2, args.join(' '));
    assert.is(stdout, '', args.join(' '));
    assert.match(stderr, message);
  }
});

test('without a command the help goes to stderr and the exit code is 2', async () => {
  const { code, stdout, stderr } = await tickpath([]);
  assert.equal([code, stdout], [2, '']);
  assert.match(stderr, 'Usage: tickpath');
});

test.run();
