/** Which of several gateways over one database looks after the engines. */
export interface FleetRole {
  /** No two gateways have the same. */
  readonly holder: string;
  /** Where the others reach it: `http://gateway-1:4000`. */
  readonly address: string;
  /** By which it knows that it is they. */
  readonly secret: string;
  /** Rises while it lives. */
  readonly beat: number;
}

/** A role taken, from whoever had it as it was then; absent: nobody had it. */
export interface RoleTaken extends Omit<FleetRole, "beat"> {
  readonly from?: Pick<FleetRole, "holder" | "beat">;
}

/** Where the role and what the fleet remembers are kept. Every promise rejects while the database cannot be used. */
export interface FleetDesk {
  role(): Promise<FleetRole | undefined>;
  /** False when somebody else was first. */
  take(role: RoleTaken): Promise<boolean>;
  leave(holder: string): Promise<void>;
  /** What the fleet remembers, as JSON; `undefined`: nothing yet. */
  remembered(): Promise<string | undefined>;
  remember(value: string): Promise<void>;
}
