// What the simulated vehicles and their drivers ask of the server's HTTP interface. An answer that is no success throws,
// with the server's own code and words: there is nobody here who could do otherwise.

export class LicensingApi {
  readonly #server: string;
  readonly #key: string;

  constructor(server: string, key: string) {
    this.#server = server.replace(/\/+$/, '');
    this.#key = key;
  }

  get server(): string {
    return this.#server;
  }

  /** Good for one enrolment of this vehicle. */
  async enrolmentToken(vehicleId: string): Promise<string> {
    const { token } = await this.post<{ token: string }>('/v1/enrolment-tokens', { vehicleId });
    return token;
  }

  /** A free product of its own part, ready to be ordered; with the corrections of an app where one is named. */
  async freeProduct(partNumber: string, version: string, appId?: string): Promise<string> {
    const { id } = await this.post<{ id: string }>('/v1/products', {
      ...{ names: { en: `Simulated ${partNumber}` }, partNumber, version, versionRule: 'at_least' },
      ...{ functions: [{ id: 'simulated', names: { en: 'Simulated' } }], validSeconds: 86_400, uses: null },
      ...{ priceMicros: 0, currency: 'EUR', ...(appId === undefined ? {} : { correction: { appId } }) },
    });
    await this.post(`/v1/products/${id}/publish`);
    return id;
  }

  async order(
    productId: string,
    vehicleId: string,
  ): Promise<{ readonly id: string; readonly state: string }> {
    return await this.post('/v1/orders', { productId, vehicleId });
  }

  async post<Answer>(path: string, body?: object): Promise<Answer> {
    const answer = await fetch(`${this.#server}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new ApiRefusal(`POST ${path}: ${answer.status} ${text.slice(0, 300)}`);
    return JSON.parse(text) as Answer;
  }
}

/** The server says no. */
export class ApiRefusal extends Error {}
