/**
 * The shapes of an order.
 *
 * @typedef {import('../common/shapes.js').Answer<'OrderStatus'>} Status
 * @typedef {import('../common/shapes.js').Answer<'OrderLineJson'>} Line
 * @typedef {import('../common/shapes.js').Answer<'OrderJson'>} Order
 */
export {};
