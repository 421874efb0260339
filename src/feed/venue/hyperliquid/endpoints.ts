/** Subscriptions of one coin, one message each. */
export function hyperliquidSubscriptions(coin: string): string[] {
  return ['l2Book', 'trades'].map((type) => JSON.stringify({ method: 'subscribe', subscription: { type, coin } }));
}

/** To be sent every 30 s: the server closes a connection without a message for 60 s. */
export const HYPERLIQUID_PING = '{"method":"ping"}';
