/** What several programs of tests do with a request for a WebSocket. */

/**
 * The end of a `fetch` handler of an object: takes the socket, as one that hibernates or as a standard one, whose events then go to
 * the same handlers.
 *
 * @param isStandard  an expression of the program's
 */
export const takesSocket = (isStandard: string): string => `
    const [client, server] = Object.values(new WebSocketPair());
    if (${isStandard}) {
      server.accept();
      server.addEventListener('message', ({ data }) => this.webSocketMessage(server, data));
      server.addEventListener('close', (e) => this.webSocketClose(server, e.code, e.reason, e.wasClean));
    } else this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });`;
