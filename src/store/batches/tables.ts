export interface BatchTables {
  readonly files: FileTableRow;
  readonly file_pieces: FilePieceRow;
  readonly batches: BatchTableRow;
  readonly batch_lines: LineTableRow;
}

export interface FileTableRow {
  readonly id: string;
  readonly owner: string;
  readonly purpose: string;
  readonly filename: string;
  readonly bytes: number | null;
  readonly created_at: number;
  readonly expires_at: number;
}

interface FilePieceRow {
  readonly file: string;
  readonly position: number;
  readonly content: Uint8Array;
}

export interface BatchTableRow {
  readonly id: string;
  readonly owner: string;
  readonly author: string;
  readonly endpoint: string;
  readonly input_file: string;
  readonly completion_window: string;
  readonly metadata: string | null;
  readonly output_lifetime: number | null;
  readonly status: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly in_progress_at: number | null;
  readonly finalizing_at: number | null;
  readonly completed_at: number | null;
  readonly failed_at: number | null;
  readonly expired_at: number | null;
  readonly cancelling_at: number | null;
  readonly cancelled_at: number | null;
  readonly model: string | null;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly input_tokens: number;
  readonly cached_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_tokens: number;
  readonly faults: string | null;
  readonly output_file: string | null;
  readonly error_file: string | null;
  readonly holder: string | null;
  readonly held_until: number;
  readonly kept_until: number;
}

interface LineTableRow {
  readonly batch: string;
  readonly number: number;
  readonly custom_id: string;
  readonly model: string;
  readonly body: string;
  readonly state: "pending" | "running" | "done";
  readonly tries: number;
  readonly request_id: string | null;
  readonly failed: number;
  readonly result: string | null;
}
