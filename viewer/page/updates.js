/**
 * Receives updates from the server. After a lost connection, the browser reconnects and the server sends all data
 * again.
 *
 * @param {{ update(update: object): void, connected(is: boolean): void }} handlers
 */
export function listen({ update, connected }) {
  const source = new EventSource('events');
  source.onmessage = ({ data }) => {
    connected(true);
    update(JSON.parse(data));
  };
  source.onerror = () => {
    connected(false);
    // After an error response, the browser does not reconnect by itself.
    if (source.readyState !== EventSource.CLOSED) return;
    source.close();
    setTimeout(listen, 2_000, { update, connected });
  };
}
