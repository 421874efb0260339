import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServedVenue } from './served-venue.ts';

/** Answers one request for a snapshot. */
export async function answerRequest(venue: ServedVenue, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (request.method !== 'GET') {
    response.writeHead(405, { 'content-type': 'application/json', allow: 'GET' }).end('{"error":"expected GET"}');
    return;
  }
  const answer = await venue.get(url);
  if (answer === undefined) {
    const paths = venue.access.rest.length === 0 ? 'none: this venue sends its snapshots in the stream' : venue.access.rest.join(', ');
    const error = `nothing at ${url.pathname}; there is ${paths}`;
    response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    return;
  }
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
}
