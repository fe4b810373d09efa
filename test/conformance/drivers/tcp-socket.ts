/**
 * A WebSocket client on a TCP connection: no more of RFC 6455 than a scenario needs, and able to go away without a word.
 *
 * Promise: what comes is told in order, each once. Answers a close frame with the same, as browsers do.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { heardData, madeData, type SocketHappening, type TargetSocket } from '../play.ts';
import type { LargeData } from '../scenario.ts';

export interface OpenedSocket {
  status: number;
  headers: Readonly<Record<string, string>>;
  socket: TargetSocket | undefined;
}

interface Request {
  /** where the server listens */
  server: URL;
  path: string;
  headers: Readonly<Record<string, string>>;
}

const LARGE_BYTES = 1024 * 1024;
/** of a frame of more than 64 KiB, with its mask */
const HEAD_BYTES = 14;
const REFUSAL_MS = 500;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;

export function openTcpSocket({ server, path, headers }: Request): Promise<OpenedSocket> {
  const tcp = connect(Number(server.port), server.hostname);
  // Or a second message waits for the acknowledgement of the first, as long as some handlers take.
  tcp.setNoDelay(true);
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Upgrade: websocket`,
    `Connection: Upgrade`,
    `Sec-WebSocket-Version: 13`,
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  tcp.write(`${lines.join('\r\n')}\r\n\r\n`);
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const onHead = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      tcp.off('data', onHead);
      const [first = '', ...rest] = head.subarray(0, end).toString().split('\r\n');
      const found = rest.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]);
      const status = Number(first.split(' ')[1]);
      if (status !== 101) tcp.destroy();
      const socket = status === 101 ? new TcpSocket(tcp, head.subarray(end + 4)) : undefined;
      resolve({ status, headers: Object.fromEntries(found), socket });
    };
    tcp.on('data', onHead);
    tcp.on('error', reject);
  });
}

class TcpSocket implements TargetSocket {
  readonly #tcp: Socket;
  #bytes: Buffer;
  /** behind those; joined once a frame is whole, for a large one comes in hundreds of pieces */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #happened: SocketHappening[] = [];
  #waiting: ((happening: SocketHappening) => void)[] = [];
  #hasClosed = false;
  #isOver = false;

  constructor(tcp: Socket, early: Buffer) {
    this.#tcp = tcp;
    this.#bytes = early;
    tcp.on('data', (chunk) => {
      this.#pieces.push(chunk);
      this.#pieceBytes += chunk.length;
      const length = lengthOf(this.#bytes);
      if (length && this.#bytes.length + this.#pieceBytes < length.head + length.payload) return;
      this.#bytes = Buffer.concat([this.#bytes, ...this.#pieces.splice(0)]);
      this.#pieceBytes = 0;
      this.#read();
    });
    tcp.on('close', () => this.#over({ kind: 'close', code: 1006, reason: '', wasClean: false }));
    tcp.on('error', () => {}); // `close` follows
    this.#read();
  }

  async send(data: string | readonly number[] | LargeData): Promise<void> {
    const made = madeData(data);
    const payload = Buffer.from(made as string);
    const frame = frameOf(typeof made === 'string' ? TEXT : BINARY, payload);
    if (payload.length <= LARGE_BYTES) {
      this.#tcp.write(frame);
      return;
    }
    // A server that refuses it does so by its head, and what it says then is lost if the rest is still coming.
    this.#tcp.write(frame.subarray(0, HEAD_BYTES));
    await new Promise((resolve) => setTimeout(resolve, REFUSAL_MS));
    if (!this.#isOver) this.#tcp.write(frame.subarray(HEAD_BYTES));
  }

  async close(code?: number, reason = ''): Promise<void> {
    this.#hasClosed = true;
    this.#write(CLOSE, closePayload(code, reason));
  }

  async terminate(): Promise<void> {
    this.#isOver = true;
    this.#tcp.destroy();
  }

  next(): Promise<SocketHappening> {
    const known = this.#happened.shift();
    return known ? Promise.resolve(known) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  #tell(happening: SocketHappening): void {
    if (this.#isOver) return;
    const waiting = this.#waiting.shift();
    if (waiting) waiting(happening);
    else this.#happened.push(happening);
  }

  #over(happening: SocketHappening): void {
    this.#tell(happening);
    this.#isOver = true;
  }

  #read(): void {
    for (;;) {
      const length = lengthOf(this.#bytes);
      if (!length || this.#bytes.length < length.head + length.payload) return;
      const opcode = (this.#bytes[0] ?? 0) & 0x0f;
      const payload = this.#bytes.subarray(length.head, length.head + length.payload);
      this.#bytes = this.#bytes.subarray(length.head + length.payload);
      this.#take(opcode, payload);
    }
  }

  #take(opcode: number, payload: Buffer): void {
    if (opcode === TEXT) this.#tell({ kind: 'message', data: heardData(payload.toString()) });
    if (opcode === BINARY) this.#tell({ kind: 'message', data: heardData(payload) });
    if (opcode === PING) this.#write(10, payload);
    if (opcode !== CLOSE) return;
    const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    if (!this.#hasClosed) this.#write(CLOSE, payload);
    this.#over({ kind: 'close', code, reason: payload.subarray(2).toString(), wasClean: true });
    this.#tcp.end();
  }

  #write(opcode: number, payload: Buffer): void {
    this.#tcp.write(frameOf(opcode, payload));
  }
}

function frameOf(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const masked = Buffer.from(payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0)));
  return Buffer.concat([headOf(opcode, payload.length), mask, masked]);
}

function headOf(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | opcode, 0x80 | length]);
  const head = Buffer.alloc(length < 65536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (length < 65536) {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return head;
}

/** undefined while the head is not whole; a server does not mask */
function lengthOf(bytes: Buffer): { head: number; payload: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  if (short < 126) return { head: 2, payload: short };
  if (short === 126) return bytes.length < 4 ? undefined : { head: 4, payload: bytes.readUInt16BE(2) };
  return bytes.length < 10 ? undefined : { head: 10, payload: Number(bytes.readBigUInt64BE(2)) };
}

function closePayload(code: number | undefined, reason: string): Buffer {
  if (code === undefined) return Buffer.alloc(0);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code, 0);
  return Buffer.concat([head, Buffer.from(reason)]);
}
