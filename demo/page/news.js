/**
 * Listens to the server. After a lost connection the browser comes back by itself, and is told everything anew.
 *
 * @param {{ news(news: object): void, connected(is: boolean): void }} does
 */
export function listen({ news, connected }) {
  const source = new EventSource('events');
  source.onmessage = ({ data }) => {
    connected(true);
    news(JSON.parse(data));
  };
  source.onerror = () => {
    connected(false);
    // Something else than our server has answered: the browser would not ask again.
    if (source.readyState !== EventSource.CLOSED) return;
    source.close();
    setTimeout(listen, 2_000, { news, connected });
  };
}
