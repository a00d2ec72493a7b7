// An Express service behind the gateway: whoever calls it shows a passport.
import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const keys = createRemoteJWKSet(new URL('http://127.0.0.1:8080/.well-known/txn-jwks.json'));
const expected = {
  issuer: 'https://gateway.shop.example',
  audience: 'shop.internal',
  typ: 'txntoken+jwt',
  algorithms: ['ES256'],
};

async function passport(request, response, next) {
  try {
    const { payload } = await jwtVerify(request.get('Txn-Token') ?? '', keys, expected);
    request.passport = payload;
    next();
  } catch {
    response.status(403).json({ error: 'this needs a passport of the gateway' });
  }
}

const orders = [{ id: 1, item: 'tea', for: 'ada' }];
const app = express();
app.use(passport, express.json());
app.get('/orders', (request, response) => {
  const { sub, scope } = request.passport;
  response.json({ orders: orders.filter((order) => order.for === sub), sub, scope });
});
app.post('/orders', (request, response) => {
  const order = { id: orders.length + 1, item: request.body.item, for: request.passport.sub };
  orders.push(order);
  response.status(201).json(order);
});
app.listen(3000, '127.0.0.1');
