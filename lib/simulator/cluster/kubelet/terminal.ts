/**
 * What the kernel does between a person and a program: it echoes what is typed, hands it over line by line, and turns some
 * keys into signals. https://man7.org/linux/man-pages/man3/termios.3.html (canonical mode)
 */
export interface TerminalKeys {
  /** Shows the person what they type. */
  echo(text: string): void;
  /** A line, or a part of one that ^D sent. */
  line(text: string): void;
  /** ^D on an empty line. */
  end(): void;
  /** ^C */
  interrupt(): void;
}

const INTERRUPT = '\u0003';
const END_OF_FILE = '\u0004';
const ERASE = new Set(['\u007f', '\b']);
const KILL_LINE = '\u0015';

export class Terminal {
  private line = '';

  constructor(private readonly keys: TerminalKeys) {}

  type(text: string): void {
    for (const key of text) this.press(key);
  }

  private press(key: string): void {
    const { keys } = this;
    if (key === '\r' || key === '\n') {
      keys.echo('\r\n');
      this.send(`${this.line}\n`);
    } else if (key === INTERRUPT) {
      this.line = '';
      keys.echo('^C\r\n');
      keys.interrupt();
    } else if (key === END_OF_FILE) {
      if (this.line === '') keys.end();
      else this.send(this.line);
    } else if (ERASE.has(key)) this.erase(1);
    else if (key === KILL_LINE) this.erase(this.line.length);
    else {
      this.line += key;
      keys.echo(key);
    }
  }

  private send(text: string): void {
    this.line = '';
    this.keys.line(text);
  }

  private erase(count: number): void {
    const erased = [...this.line].slice(-count).length;
    if (erased === 0 || count === 0) return;
    this.line = [...this.line].slice(0, -count).join('');
    this.keys.echo('\b \b'.repeat(erased));
  }
}

/** What a program writes, as a terminal shows it. */
export const onTerminal = (text: string): string => text.replace(/\r?\n/g, '\r\n');
