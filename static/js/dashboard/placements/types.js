/**
 * The shapes that the customer's pages read.
 *
 * @typedef {import('../../common/shapes.js').Answer<'PlacementStatus'>} Status
 * @typedef {import('../../common/shapes.js').Answer<'OneOrder'>} Order
 * @typedef {import('../../common/shapes.js').Answer<'BalanceJson'>} Balance kopecks
 * @typedef {Partial<import('../../common/shapes.js').Schemas['PlacementInput']>} Changes what a draft is told; what is left out stays
 */
export {};
