import type { Algorithm } from "./jwt";

/** What the page of an app tells the token page beside the client id. Kept in memory, so that it stands in no address. */
export interface Handover {
  algorithm?: Algorithm;
  jwe?: boolean;
  botId?: string;
}

let held: Handover = {};

export const hand = (next: Handover): void => {
  held = next;
};

export const taken = (): Handover => held;
