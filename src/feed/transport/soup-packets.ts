import { EXIT, TickpathError } from '../../core/errors.ts';
import { MOLD_SESSION_BYTES } from './mold.hot.ts';
import { SOUP_HEADER_BYTES, SOUP_LENGTH_BYTES, SOUP_TYPE } from './soup.hot.ts';

const USERNAME_CHARACTERS = 6;
const PASSWORD_CHARACTERS = 10;
const SESSION_CHARACTERS = MOLD_SESSION_BYTES;
const SEQUENCE_CHARACTERS = 20;
const PRINTABLE = /^[\x20-\x7e]*$/;

export interface SoupLogin {
  readonly username: string;
  readonly password: string;
}

export interface SoupAccepted {
  readonly session: string;
  readonly sequence: number;
}

/** A packet of a type. */
export function soupPacket(type: number, payload = ''): Uint8Array {
  const packet = new Uint8Array(SOUP_HEADER_BYTES + payload.length);
  packet[0] = (payload.length + 1) >>> 8;
  packet[1] = (payload.length + 1) & 0xff;
  packet[SOUP_LENGTH_BYTES] = type;
  packet.set(new TextEncoder().encode(payload), SOUP_HEADER_BYTES);
  return packet;
}

/** `session` blank: the current one. `sequence`: number of the first message wanted; 0: the next one. */
export function soupLogin(login: SoupLogin, session: string, sequence: number): Uint8Array {
  const fields = [
    login.username.padEnd(USERNAME_CHARACTERS),
    login.password.padEnd(PASSWORD_CHARACTERS),
    session.padEnd(SESSION_CHARACTERS),
    String(sequence).padStart(SEQUENCE_CHARACTERS),
  ];
  return soupPacket(SOUP_TYPE.LOGIN, fields.join(''));
}

/** The payload of a login accepted; undefined when its number is none. */
export function soupAccepted(bytes: Uint8Array, start: number): SoupAccepted | undefined {
  const text = String.fromCharCode(...bytes.subarray(start, start + SESSION_CHARACTERS + SEQUENCE_CHARACTERS));
  const digits = /^ *(\d{1,16}) *$/.exec(text.slice(SESSION_CHARACTERS))?.[1];
  if (digits === undefined || BigInt(digits) > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return { session: text.slice(0, SESSION_CHARACTERS), sequence: Number(BigInt(digits)) };
}

/** Throws ERR_SOUP for what does not fit a login; says nothing of what was given. */
export function checkSoupLogin({ username, password }: SoupLogin, session: string, sequence: number): void {
  const bad = (what: string): never => {
    throw new TickpathError('ERR_SOUP', `soup: ${what}`, EXIT.USAGE);
  };
  const fits = (text: string, characters: number): boolean => text.length <= characters && PRINTABLE.test(text);
  if (username === '' || !fits(username, USERNAME_CHARACTERS)) bad(`user name: expected 1 to ${USERNAME_CHARACTERS} ASCII characters`);
  if (!fits(password, PASSWORD_CHARACTERS)) bad(`password: expected at most ${PASSWORD_CHARACTERS} ASCII characters`);
  if (!fits(session, SESSION_CHARACTERS)) bad(`session: expected at most ${SESSION_CHARACTERS} ASCII characters`);
  if (!Number.isSafeInteger(sequence) || sequence < 0) bad(`sequence ${sequence}: expected a whole number from 0`);
}
