import { eventIdEnd, slotOf } from "./eventTimeId.ts";
import {
  KINDS,
  type Kind,
  type ListName,
  listsOfCall,
  listsOfResources,
  type NamedThing,
  type SearchableEvent,
} from "./searchableEvent.ts";

/** The lists that an event with this number stands in. */
export function expectedLists(event: SearchableEvent, id: number): ListName[] {
  const lists = [...listsOfCall(event), ...listsOfResources(event.resources)];
  const { byEventId, end } = slotOf(event.eventId, event.second);
  if (!byEventId || id >= end) lists.push(["EventIdEnd", eventIdEnd(event.eventId)]);
  return lists;
}

/** What the events of a batch add to a list. */
export interface Addition {
  readonly kind: Kind;
  readonly value: string;
  readonly account: string;
  readonly region: string;
  /** in the order in which they were added */
  readonly ids: number[];
}

/** The events of a batch, by the lists that they stand in. */
export class Additions {
  readonly #all: Addition[] = [];
  readonly #scopes = new Map<string, Scope>();
  /** Records of the same resources have the same array of them, most of the time. */
  readonly #listsOfResources = new Map<readonly NamedThing[], ListName[]>();
  #scope: Scope = new Scope("", "", this.#all);

  /** @param isFoundById whether the event's id leads to its number */
  add(event: SearchableEvent, id: number, isFoundById: boolean): void {
    const scope = this.#scopeOf(event);
    for (const list of listsOfCall(event)) scope.add(list, id);
    let lists = this.#listsOfResources.get(event.resources);
    if (lists === undefined) {
      lists = listsOfResources(event.resources);
      this.#listsOfResources.set(event.resources, lists);
    }
    for (const list of lists) scope.add(list, id);
    if (!isFoundById) scope.add(["EventIdEnd", eventIdEnd(event.eventId)], id);
  }

  [Symbol.iterator](): Iterator<Addition> {
    return this.#all.values();
  }

  #scopeOf({ account, region }: SearchableEvent): Scope {
    if (this.#scope.account === account && this.#scope.region === region) return this.#scope;
    const name = JSON.stringify([account, region]);
    this.#scope = this.#scopes.get(name) ?? new Scope(account, region, this.#all);
    this.#scopes.set(name, this.#scope);
    return this.#scope;
  }
}

/** An account's, in a Region. */
class Scope {
  readonly account: string;
  readonly region: string;
  readonly #all: Addition[];
  /** of each kind, by value */
  readonly #numbers = Object.values(KINDS).map(() => new Map<string, number[]>());

  constructor(account: string, region: string, all: Addition[]) {
    this.account = account;
    this.region = region;
    this.#all = all;
  }

  add([kind, value]: ListName, id: number): void {
    const ofKind = this.#numbers[KINDS[kind]] as Map<string, number[]>;
    const ids = ofKind.get(value);
    if (ids !== undefined) {
      ids.push(id);
      return;
    }
    const { account, region } = this;
    const addition = { kind, value, account, region, ids: [id] };
    ofKind.set(value, addition.ids);
    this.#all.push(addition);
  }
}
