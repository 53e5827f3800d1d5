const { BANK_URL = 'http://localhost:8080' } = process.env;

class ChargeFailed extends Error {
  name = 'ChargeFailed';

  /** @param {boolean} mayPass - whether a later attempt can succeed */
  constructor(message, mayPass, cause) {
    super(message, { cause });
    this.mayPass = mayPass;
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
  if (!response.ok) throw new ChargeFailed(`the bank says ${response.status}`, response.status >= 500);
}

module.exports = { charge };
