/**
 * The memory of a served local cloud: what it was asked is written down, and what was written is done again at the next
 * start. While the past is replayed, the clock outside stands where it stood then, and nothing is written.
 */
import type { Authenticator } from './cluster/api-server/auth/authenticator';
import {
  type JournalEntry,
  type JournalFile,
  type JournalHeader,
  type LiveRequest,
  parseJournal,
  recordRequest,
} from './journal';
import type { LocalCloud } from './local-cloud';
import { replay } from './local-cloud-replay';

export class LocalCloudJournal {
  readonly header: JournalHeader;
  private readonly past: readonly JournalEntry[] | undefined;
  /** Where the clock outside stands while the past is replayed. */
  private pastWall: number | undefined;

  /** @param file absent: the cloud lives in memory only */
  constructor(
    private readonly file: JournalFile | undefined,
    fresh: JournalHeader,
    private readonly outsideClock: () => number,
  ) {
    const past = file && parseJournal(file.read());
    this.past = past?.entries;
    this.header = past?.header ?? fresh;
    this.pastWall = past && 0;
  }

  wallClock = (): number => this.pastWall ?? this.outsideClock();

  /** Written before it is answered: what was acknowledged is never lost. @param cluster absent: a request to AWS */
  record(cloud: LocalCloud, request: LiveRequest, cluster?: string): void {
    if (this.pastWall !== undefined || !this.file) return;
    const at = cloud.simulation.clock.now();
    const entry = { at, wall: this.wallClock(), cluster, request: recordRequest(request) };
    this.file.append(JSON.stringify(entry));
  }

  /** Brings a new cloud to where the journal ends, or begins the journal. */
  async bringBack(
    cloud: LocalCloud,
    authenticatorsOf: (cluster: string) => readonly Authenticator[],
    settle: () => Promise<void>,
  ): Promise<void> {
    if (!this.past) {
      this.file?.append(JSON.stringify(this.header));
      return;
    }
    const setWallClock = (wall: number) => {
      this.pastWall = wall;
    };
    await replay(cloud, this.past, { setWallClock, authenticatorsOf, settle });
    this.pastWall = undefined;
  }
}
