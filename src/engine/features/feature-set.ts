/**
 * The feature set by name: what a model's manifest refers to and `docs/features.md` lists. Adding, removing, reordering or
 * redefining a feature is a new version, for a model is trained on one.
 */
export const FEATURE_SET = { name: 'tp40', version: 1 } as const;

export interface Feature {
  /** Column name; stable within a version. */
  readonly name: string;
  readonly family: string;
  readonly formula: string;
  readonly unit: string;
  readonly source: string;
}

const CKS = 'Cont, Kukanov, Stoikov 2014 (arXiv 1011.6402)';
const XGH = 'Xu, Gould, Howison 2019 (arXiv 1907.06230)';
const CCZ = 'Cont, Cucuringu, Zhang 2023 (arXiv 2112.13213)';
const IMBALANCE = 'Gould, Bonart 2016 (arXiv 1512.03492)';
const CUMULATIVE = 'Cao, Hansch, Wang 2009 (J. Futures Markets 29)';
const GATHERAL = 'Gatheral, Oomen 2010 (Finance Stoch. 14); Stoikov 2018 (SSRN 2970694)';
const PREDICTORS = 'Ait-Sahalia, Fan, Xue, Zhou 2022 (NBER 30366)';
const RV = 'Andersen, Bollerslev, Diebold, Labys 2003 (Econometrica 71); RiskMetrics 1996';
const SPREAD = 'Cartea, Jaimungal, Penalva 2015, ch. 4';
const HAWKES = 'Hawkes 1971; Bacry, Mastromatteo, Muzy 2015 (arXiv 1502.04592); Anscombe 1948';
const SLOPE = 'Naes, Skjeltorp 2006 (J. Financial Markets 9)';

function orderFlow(level: number, tau: string): Feature {
  return {
    name: `ofi_l${level}_${tau}`,
    family: 'order_flow',
    formula: `c(S[e_${level}; ${tau}] / ${level === 1 ? 'D1' : 'D5'})`,
    unit: level === 1 ? 'mean touch depths' : 'mean level depths',
    source: level === 1 ? `${CKS}; scaled as ${CCZ}` : `${XGH}; scaled as ${CCZ}`,
  };
}

function queueImbalance(levels: number): Feature {
  return {
    name: `queue_imbalance_l${levels}`,
    family: 'queue_imbalance',
    formula: levels === 1 ? '(qb1 - qa1) / (qb1 + qa1)' : `(Qb${levels} - Qa${levels}) / (Qb${levels} + Qa${levels})`,
    unit: 'ratio -1..1',
    source: levels === 1 ? IMBALANCE : CUMULATIVE,
  };
}

function tradeImbalance(tau: string): Feature {
  return {
    name: `trade_imbalance_${tau}`,
    family: 'trade_flow',
    formula: `(S[Vbuy; ${tau}] - S[Vsell; ${tau}]) / (S[Vbuy; ${tau}] + S[Vsell; ${tau}] + 0.05 D1)`,
    unit: 'ratio -1..1',
    source: PREDICTORS,
  };
}

function volatility(tau: string): Feature {
  return { name: `realised_volatility_${tau}`, family: 'volatility', formula: `c(sqrt(S[dM^2; ${tau}]))`, unit: 'ticks', source: RV };
}

function arrival(event: string, what: string): Feature {
  return { name: `arrival_${event}`, family: 'arrival', formula: `sqrt(S[${what}; 1s] / 1 s)`, unit: 'sqrt(events/s)', source: HAWKES };
}

function midReturn(tau: string): Feature {
  return { name: `mid_return_${tau}`, family: 'mid_return', formula: `c(M - E[M; ${tau}])`, unit: 'ticks', source: PREDICTORS };
}

function behind(side: string, letter: string): Feature {
  return {
    name: `depth_log_ratio_${side}`,
    family: 'depth_shape',
    formula: `ln(Q${letter}10 / q${letter}1)`,
    unit: 'log ratio',
    source: CUMULATIVE,
  };
}

/** The features in the order of the vector. */
export const FEATURES: readonly Feature[] = Object.freeze([
  orderFlow(1, '100ms'),
  ...[1, 2, 3, 4, 5].map((level) => orderFlow(level, '1s')),
  ...[1, 2, 3, 4, 5].map((level) => orderFlow(level, '10s')),
  ...[1, 3, 5, 10].map(queueImbalance),
  { name: 'microprice_deviation', family: 'fair_price', formula: 'c(Pm - M)', unit: 'ticks', source: GATHERAL },
  { name: 'microprice_return_1s', family: 'fair_price', formula: 'c(Pm - E[Pm; 1s])', unit: 'ticks', source: GATHERAL },
  {
    name: 'weighted_mid_l5',
    family: 'fair_price',
    formula: 'c((da Qb5 - db Qa5) / ((Qb5 + Qa5) S)), da and db the volume-weighted distances of five levels from M',
    unit: 'spreads',
    source: GATHERAL,
  },
  tradeImbalance('100ms'),
  tradeImbalance('1s'),
  tradeImbalance('10s'),
  {
    name: 'trade_pressure_1s',
    family: 'trade_flow',
    formula: 'c(S[Vbuy - Vsell; 1s] / D1)',
    unit: 'mean touch depths',
    source: `${CKS}, section 4`,
  },
  volatility('1s'),
  volatility('10s'),
  { name: 'spread_log', family: 'spread', formula: 'ln(S)', unit: 'log ticks', source: SPREAD },
  { name: 'spread_to_mean_10s', family: 'spread', formula: '(S - E[S; 10s]) / (S + E[S; 10s])', unit: 'ratio -1..1', source: SPREAD },
  arrival('buy_trade', 'trades with a buying aggressor'),
  arrival('sell_trade', 'trades with a selling aggressor'),
  arrival('bid_add', 'best bid bettered or grown'),
  arrival('bid_remove', 'best bid worsened or shrunk'),
  arrival('ask_add', 'best ask bettered or grown'),
  arrival('ask_remove', 'best ask worsened or shrunk'),
  midReturn('100ms'),
  midReturn('1s'),
  midReturn('10s'),
  {
    name: 'time_since_trade',
    family: 'arrival',
    formula: 't / (t + 100 ms), t the time since the last trade',
    unit: 'ratio 0..1',
    source: 'Engle, Russell 1998 (Econometrica 66)',
  },
  behind('bid', 'b'),
  behind('ask', 'a'),
  {
    name: 'depth_pressure',
    family: 'depth_shape',
    formula: '(Bb - Ba) / (Bb + Ba), B = sum over 10 levels of q_i / max(distance_i from M, 0.5 ticks)',
    unit: 'ratio -1..1',
    source: CUMULATIVE,
  },
  {
    name: 'depth_slope',
    family: 'depth_shape',
    formula: 'ln((Qb10 / rb) / (Qa10 / ra)), r the distance of the deepest level from M',
    unit: 'log ratio',
    source: SLOPE,
  },
]);

/** The table of `docs/features.md`, Markdown. */
export function featureTable(): string {
  const rows = FEATURES.map(
    (feature, index) =>
      `| ${index} | \`${feature.name}\` | ${feature.family} | ${feature.formula.replaceAll('|', '\\|')} | ${feature.unit} | ${feature.source} |`,
  );
  return ['| index | name | family | formula | unit | source |', '| ---: | --- | --- | --- | --- | --- |', ...rows].join('\n');
}
