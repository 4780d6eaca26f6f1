/**
 * The shapes of the server's answers: generated from the description of the interface, never written by hand. The
 * tests in tests/clients see that they are current and say how to renew them.
 *
 * @typedef {import('pixora-api').components['schemas']} Schemas
 */

/**
 * An answer as it arrives: the server writes every member, and `null` where there is no value.
 * @template T
 * @typedef {T extends (infer Item)[] ? Whole<Item>[]
 *   : T extends object ? { [Member in keyof T]-?: Whole<Exclude<T[Member], undefined>> } : T} Whole
 */

/**
 * One of the answers, by its name in the description.
 * @template {keyof Schemas} Name
 * @typedef {Whole<Schemas[Name]>} Answer
 */
export {};
