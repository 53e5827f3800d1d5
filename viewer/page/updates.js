/**
 * Receives updates from the server. If the connection is lost, the browser reconnects, and the server then sends its complete
 * state.
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
    // The browser reconnects by itself, except after an error response. In that case, reconnect here.
    if (source.readyState !== EventSource.CLOSED) return;
    source.close();
    setTimeout(listen, 2_000, { update, connected });
  };
}
