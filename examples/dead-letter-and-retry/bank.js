const { BANK_URL = 'http://localhost:8080' } = process.env;

class ChargeFailed extends Error {
  name = 'ChargeFailed';

  /** @param {boolean} isRetryable - true if a later attempt can succeed */
  constructor(message, isRetryable, cause) {
    super(message, { cause });
    this.isRetryable = isRetryable;
  }
}

async function charge(payment) {
  let response;
  try {
    response = await fetch(`${BANK_URL}/charges`, {
      method: 'POST',
      body: JSON.stringify(payment),
      signal: AbortSignal.timeout(5_000),
    });
  } catch (error) {
    throw new ChargeFailed('the bank does not answer', true, error);
  }
  await response.arrayBuffer();
  if (!response.ok) throw new ChargeFailed(`the bank returned ${response.status}`, response.status >= 500);
}

module.exports = { charge };
