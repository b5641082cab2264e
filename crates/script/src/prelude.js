// Body of a strict function (host, input) that defines what scripts see, and returns what the sandbox calls back.
// `host` never reaches a script. Everything needed after scripts have run is taken into constants first, because
// scripts may change any prototype.

const root = globalThis;
const { parse, stringify } = JSON;
const { apply, ownKeys } = Reflect;
const { defineProperty, freeze } = Object;
const isArray = Array.isArray;
const NativeDate = Date;
const wellFormed = String.prototype.toWellFormed;
const STORES = ["BotUserSession", "UserSession", "BotContext", "EnterpriseContext"];

const isObject = (value) => typeof value === "object" && value !== null;
const clean = (text) => apply(wellFormed, text, []);

/** Text of any value as it is shown: objects as JSON, nothing for undefined and null. */
function text(value) {
  if (value === undefined || value === null || typeof value === "function") return "";
  if (typeof value === "object") {
    const json = stringify(value);
    return json === undefined ? "" : clean(json);
  }
  return clean(String(value));
}

/** Defines a global that scripts may overwrite, as sloppy code expects. */
function global(name, value) {
  defineProperty(root, name, { value, writable: true, configurable: true, enumerable: false });
}

/** Defines a member that is made when first read. */
function lazy(owner, name, make) {
  const settle = (value) =>
    defineProperty(owner, name, { value, writable: true, configurable: true, enumerable: true });
  defineProperty(owner, name, {
    get: () => {
      const value = make();
      settle(value);
      return value;
    },
    set: settle,
    configurable: true,
    enumerable: true,
  });
}

function log(...parts) {
  let line = "";
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    line += (i ? " " : "") + (part instanceof Error ? clean(`${part.name}: ${part.message}`) : text(part));
  }
  host.log(line);
}

/** An object whose missing members throw an error that names them. Names that the language itself asks for do not. */
function strictly(owner, members) {
  return new RunProxy(members, {
    get(target, key) {
      if (key in target || typeof key === "symbol" || key === "toJSON" || key === "then") return target[key];
      const error = new Error(`${owner}.${key} does not exist here`);
      error.missingMember = `${owner}.${key}`;
      throw error;
    },
  });
}

/** A stand-in for a helper that has nothing to do here: each call leaves a line in the debug log. */
function stub(owner) {
  return new RunProxy({}, {
    get: (_, key) => (typeof key === "symbol" || key === "then" || key === "toJSON")
      ? undefined
      : () => log(`${owner}.${key} does nothing here`),
  });
}

// Natives that loop without ever looking at the clock get a guard: over-long inputs are refused, and a call after the
// deadline throws at once. Scripts get no `Proxy`, so an array tells its true length.
const RunProxy = root.Proxy;
delete root.Proxy;
const LONGEST = 5e6;

function short(length) {
  host.tick();
  if (length > LONGEST) throw new RangeError(`more than ${LONGEST} elements`);
  return length;
}

/** Puts a function in the place of a native one, as unseen as that was. */
function replace(owner, name, value) {
  defineProperty(owner, name, { value, writable: true, configurable: true, enumerable: false });
}

// These leave their list as it is.
const READING = ["join", "slice", "toLocaleString", "indexOf", "lastIndexOf", "includes", "forEach", "map", "filter", "some",
  "every", "reduce", "reduceRight"];
for (const name of [...READING, "reverse", "sort", "copyWithin", "splice", "shift", "unshift", "fill"]) {
  const native = Array.prototype[name];
  const reads = READING.includes(name);
  replace(Array.prototype, name, { [name](...parts) {
    if (isArray(this)) {
      short(this.length);
      return apply(native, this, parts);
    }
    // something like an array, whose length may change with each look: work on a copy, then write it back
    if (this === undefined || this === null) return apply(native, this, parts);
    const like = Object(this);
    const length = short(Number(like.length) || 0);
    const copy = [];
    for (let i = 0; i < length; i++) if (i in like) copy[i] = like[i];
    copy.length = length;
    const result = apply(native, copy, parts);
    if (reads) return result;
    for (let i = 0; i < copy.length; i++) {
      if (i in copy) like[i] = copy[i];
      else delete like[i];
    }
    for (let i = copy.length; i < length; i++) delete like[i];
    like.length = copy.length;
    return result === copy ? like : result;
  } }[name]);
}

/** Adds the members of an array, or one value, to a list. */
function spread(list, value, depth) {
  if (!isArray(value)) {
    list[list.length] = value;
    return;
  }
  const length = short(value.length);
  const start = list.length;
  for (let i = 0; i < length; i++) {
    if (depth > 1) {
      if (i in value) spread(list, value[i], depth - 1);
    } else if (i in value) list[depth < 0 ? start + i : list.length] = value[i];
  }
  if (depth < 0) list.length = short(start + length);
}

replace(Array.prototype, "concat", function concat(...parts) {
  const list = [];
  spread(list, isArray(this) ? this : Object(this), -1);
  for (let i = 0; i < parts.length; i++) spread(list, parts[i], -1);
  return list;
});
replace(Array.prototype, "flat", function flat(depth = 1) {
  const list = [];
  const length = short(Number(this.length) || 0);
  for (let i = 0; i < length; i++) {
    if (!(i in this)) continue;
    if (depth >= 1) spread(list, this[i], Number(depth));
    else list[list.length] = this[i];
  }
  return list;
});
replace(Array.prototype, "flatMap", function flatMap(change, self) {
  const list = [];
  const length = short(Number(this.length) || 0);
  for (let i = 0; i < length; i++) if (i in this) spread(list, apply(change, self, [this[i], i, this]), 1);
  return list;
});

for (const name of ["indexOf", "lastIndexOf", "includes", "split", "replace", "replaceAll"]) {
  const native = String.prototype[name];
  replace(String.prototype, name, { [name](...parts) {
    if (this === undefined || this === null) return apply(native, this, parts);
    const whole = typeof this === "string" ? this : String(this);
    const [sought] = parts;
    if (parts.length && sought !== undefined && typeof sought !== "string" && !(sought instanceof RegExp)) parts[0] = String(sought);
    host.tick();
    const effort = typeof parts[0] === "string" && parts[0].length > 64 ? parts[0].length * whole.length : 0;
    if (effort > 1e10) throw new RangeError("the texts are too long for a search");
    return apply(native, whole, parts);
  } }[name]);
}

for (const [owner, names] of [
  [String.prototype, ["repeat", "padStart", "padEnd", "toLowerCase", "toUpperCase", "normalize", "match", "search", "startsWith",
    "endsWith", "localeCompare", "trim", "trimStart", "trimEnd", "slice", "substring", "substr", "concat"]],
  [Array.prototype, ["with", "toReversed", "toSorted", "toSpliced"]],
  [Array, ["from"]],
  [Object.getPrototypeOf(Uint8Array.prototype), ["sort", "fill", "indexOf", "lastIndexOf", "includes", "join", "reverse", "set",
    "slice", "copyWithin", "toReversed", "toSorted", "with"]],
  [Map.prototype, ["get", "set", "has", "delete"]],
  [Set.prototype, ["add", "has", "delete"]],
  [JSON, ["parse", "stringify"]],
  [Object, ["keys", "values", "entries", "assign"]],
]) {
  for (const name of names) {
    const native = owner[name];
    if (!native) continue;
    replace(owner, name, { [name](...parts) {
      host.tick();
      return apply(native, this, parts);
    } }[name]);
  }
}

// Time: `Date` counts on from the moment that the caller names.
const machine = NativeDate.now;
const started = machine();
const now = () => input.now + machine() - started;
const RunDate = new RunProxy(NativeDate, {
  construct: (target, parts, self) => Reflect.construct(target, parts.length ? parts : [now()], self),
  apply: () => new NativeDate(now()).toString(),
  get: (target, key) => (key === "now" ? now : target[key]),
});
defineProperty(NativeDate.prototype, "constructor", { value: RunDate, writable: true, configurable: true });
global("Date", RunDate);

// The context and the session variables in it.
const first = isObject(input.context) && !isArray(input.context) ? input.context : {};
const hadSession = isObject(first.session);
if (!hadSession) first.session = {};
const views = input.stores;
for (const name of STORES) first.session[name] = views[name];
const user = freeze(isObject(input.user) ? input.user : {});
first.session.UserContext = user;
root.context = first;

const current = () => (isObject(root.context) && !isArray(root.context) ? root.context : first);
/** The live object of a store, also after a script has put another one in its place. */
function view(name) {
  const session = current().session;
  const found = isObject(session) ? session[name] : undefined;
  return isObject(found) ? found : views[name];
}

const put = [];
function minutes(ttl) {
  if (ttl === undefined || ttl === null || ttl === "") return null;
  const number = Number(ttl);
  return number > 0 && number < 1e12 ? number : null;
}
for (const name of STORES) {
  global(name, {
    put(key, value, ttl) {
      view(name)[key] = value;
      put[put.length] = [name, String(key), minutes(ttl)];
    },
    get: (key) => view(name)[key],
    delete(key) {
      delete view(name)[key];
    },
  });
}
global("UserContext", { get: (key) => user[key] });

// Output and data.
global("print", (value) => {
  if (value !== undefined && value !== null) host.print(text(value));
});
global("koreDebugger", { log, error: log, warn: log, info: log, debug: log });
lazy(root, "env", () => freeze(parse(host.env())));
lazy(root, "content", () => freeze(parse(host.content())));
global("getChoices", () => (input.choices === null ? [] : input.choices));
if (input.response !== null) global("response", input.response);

// Tags.
const tags = [];
const contextTags = [];
const tagger = (level) => (name, value) => {
  tags[tags.length] = { level, name: text(name), value: text(value) };
};
global("tags", strictly("tags", {
  addUserLevelTag: tagger("user"),
  addSessionLevelTag: tagger("session"),
  addMessageLevelTag: tagger("message"),
}));
global("contextTags", strictly("contextTags", {
  add(tag) {
    contextTags[contextTags.length] = text(tag);
  },
}));
global("agentUtils", stub("agentUtils"));
global("userSessionUtils", stub("userSessionUtils"));

// Libraries, evaluated when a script first touches them.
function evaluate(name, needed) {
  const module = { exports: {} };
  apply(host.library(name), undefined, [module, module.exports, () => needed]);
  return module.exports;
}

/** Names that older versions of lodash had for what still exists. */
const OLD_NAMES = {
  pluck: "map", collect: "map", contains: "includes", include: "includes", all: "every", any: "some",
  detect: "find", findWhere: "find", select: "filter", where: "filter", foldl: "reduce", inject: "reduce",
  foldr: "reduceRight", object: "zipObject", pairs: "toPairs", unique: "uniq", indexBy: "keyBy",
  padLeft: "padStart", padRight: "padEnd", trimLeft: "trimStart", trimRight: "trimEnd", trunc: "truncate",
  methods: "functions", callback: "iteratee", createCallback: "iteratee", compose: "flowRight",
  backflow: "flowRight", restParam: "rest", sortByAll: "sortBy", sortByOrder: "orderBy", modArgs: "overArgs",
};

function lodash() {
  const _ = evaluate("lodash");
  const old = {};
  for (const name in OLD_NAMES) if (!(name in _)) old[name] = _[OLD_NAMES[name]];
  _.mixin(old);
  return _;
}

function moment() {
  const zoned = evaluate("moment-timezone", evaluate("moment"));
  if (input.zone !== null) zoned.tz.setDefault(input.zone);
  return zoned;
}

function hash(algorithm) {
  let body = "";
  const hasher = {
    update(part) {
      body += text(part);
      return hasher;
    },
    digest: (encoding) => host.digest(String(algorithm), clean(body), encoding === undefined ? "hex" : String(encoding)),
  };
  return hasher;
}

let close = false;
const util = {
  hash,
  getCurrentOptions: () => input.options,
  getAmbiguousIntents: () => input.ambiguous,
  getSessionId: () => input.sessionId,
  closeConversationSession() {
    close = true;
  },
  autoTranslate(value) {
    log("koreUtil.autoTranslate leaves the text as it is");
    return value;
  },
  ClearAuthProfiles: () => log("koreUtil.ClearAuthProfiles: no profiles are kept"),
  ClearAllAuthProfiles: () => log("koreUtil.ClearAllAuthProfiles: no profiles are kept"),
};
lazy(util, "_", lodash);
lazy(util, "moment", moment);
lazy(util, "momenttz", () => util.moment);
global("koreUtil", strictly("koreUtil", util));

// The end of a run.
function keep(what, value) {
  try {
    return stringify(value);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const error = new Error(`${what}: ${cause.message}`);
    error.name = "KeepError";
    throw error;
  }
}

/** Everything that the run leaves behind, as JSON text. */
function collect(value) {
  const context = current();
  const stores = {};
  for (const name of STORES) stores[name] = view(name);
  const before = context.session;
  if (isObject(before)) {
    const session = {};
    const keys = ownKeys(before);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (typeof key === "string" && !(key in stores) && key !== "UserContext") session[key] = before[key];
    }
    if (hadSession || ownKeys(session).length) context.session = session;
    else delete context.session;
  }
  const parts = [
    `"context":${keep("context", context)}`,
    `"stores":${keep("session variables", stores)}`,
    `"put":${stringify(put)}`,
    `"tags":${stringify(tags)}`,
    `"contextTags":${stringify(contextTags)}`,
    `"close":${close}`,
  ];
  const shown = keep("value", value);
  if (shown !== undefined) parts[parts.length] = `"value":${shown}`;
  let report = "{";
  for (let i = 0; i < parts.length; i++) report += (i ? "," : "") + parts[i];
  return report + "}";
}

return { collect, text };
