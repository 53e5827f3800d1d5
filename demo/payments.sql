CREATE TABLE payments (
  order_id text PRIMARY KEY,
  item text NOT NULL,
  amount numeric NOT NULL
);
