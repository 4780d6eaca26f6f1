/**
 * A stand-in for YooKassa for tests in a browser. It is not YooKassa: it keeps payments and refunds as its interface
 * documents them (<https://yookassa.ru/developers/api>), has a page where one pays by a press, and tells the shop.
 */
import { createServer } from 'node:http';

/** Starts it; `settings` are for `installPixora`, `tells` the address of the shop. */
export async function startYooKassa() {
  /** @type {Map<string, any>} */
  const payments = new Map();
  /** @type {Map<string, any>} */
  const refunds = new Map();
  let shop = '';

  /** @param {string} event @param {any} object */
  const tell = (event, object) =>
    fetch(`${shop}/api/payments/yookassa/webhook`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'notification', event, object }),
    });

  /** @param {string} kind @param {any} body */
  function make(kind, body) {
    if (kind === 'payments') {
      const id = `${String(payments.size + 1).padStart(8, '0')}-000f-5000-9000-1b68e7b15f3f`;
      const payment = {
        id,
        status: 'pending',
        amount: body.amount,
        metadata: body.metadata,
        refunded_amount: { value: '0.00', currency: 'RUB' },
        confirmation: { type: 'redirect', confirmation_url: `${url}/pay/${id}`, return_url: body.confirmation.return_url },
      };
      payments.set(id, payment);
      return payment;
    }
    const id = `${String(refunds.size + 1).padStart(8, '0')}-0015-5000-8000-1b68e7b15f3f`;
    const refund = { id, payment_id: body.payment_id, status: 'pending', amount: body.amount };
    refunds.set(id, refund);
    return refund;
  }

  const server = createServer(async (request, response) => {
    const [, kind, id] = (request.url ?? '').replace('/v3/', '/').split('/');
    let text = '';
    for await (const part of request) text += part;
    /** @param {number} status @param {any} body */
    const answer = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (kind === 'pay') {
      const payment = payments.get(id);
      payment.status = 'succeeded';
      await tell('payment.succeeded', payment);
      return response.writeHead(302, { location: payment.confirmation.return_url }).end();
    }
    if (request.method === 'POST') return answer(200, make(kind, JSON.parse(text)));
    const found = (kind === 'payments' ? payments : refunds).get(id);
    return found ? answer(200, found) : answer(404, { type: 'error', code: 'not_found' });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const url = `http://127.0.0.1:${port}`;
  return {
    settings: { PIXORA_YOOKASSA_SHOP_ID: '123456', PIXORA_YOOKASSA_SECRET_KEY: 'test_an_invented_key', PIXORA_YOOKASSA_API_URL: url },
    /** @param {string} base */
    tells(base) {
      shop = base;
    },
    /** Gives back what was asked for, and says so. */
    async giveBack() {
      for (const refund of refunds.values()) {
        const payment = payments.get(refund.payment_id);
        refund.status = 'succeeded';
        payment.refunded_amount = refund.amount;
        await tell('refund.succeeded', refund);
      }
    },
    stop: () => new Promise((done) => server.close(done)),
  };
}
