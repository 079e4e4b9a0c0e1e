/** Characters of a prompt that are cached together, as vLLM caches blocks of 16 tokens. */
const BLOCK = 64;
/** Prompts whose blocks are still in the cache. */
const KEPT = 256;

/** What an engine has done and does: for its metrics, and for tests that ask how often it was asked. */
export class Tally {
  /** Requests to answer something, not those about its health. */
  requests = 0;
  /** Requests by path, all of them. */
  readonly paths: Record<string, number> = {};
  running = 0;
  waiting = 0;
  /** The most that ever ran at once. */
  mostRunning = 0;
  /** Answers whose clients left before they were whole. */
  abandoned = 0;
  /** Answers given whole. */
  answered = 0;
  promptTokens = 0;
  generatedTokens = 0;
  prefixQueries = 0;
  prefixHits = 0;
  private prompts: string[] = [];

  /** Tokens of the prompt that were computed for an earlier one. */
  cached(prompt: string): number {
    const shared = Math.max(0, ...this.prompts.map((earlier) => sharedBlocks(earlier, prompt)));
    this.prompts = [...this.prompts.slice(1 - KEPT), prompt];
    const tokens = (shared * BLOCK) / 4;
    this.prefixQueries += Math.ceil(prompt.length / 4);
    this.prefixHits += tokens;
    return tokens;
  }
}

function sharedBlocks(one: string, other: string): number {
  let blocks = 0;
  while (
    (blocks + 1) * BLOCK <= Math.min(one.length, other.length) &&
    one.slice(blocks * BLOCK, (blocks + 1) * BLOCK) === other.slice(blocks * BLOCK, (blocks + 1) * BLOCK)
  )
    blocks++;
  return blocks;
}
