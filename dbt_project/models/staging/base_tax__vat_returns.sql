{{ base_tax_returns(
    'sb_zzs',
    type="'VAT'",
    amounts={'xse': 'sales_yuan', 'ynse': 'tax_due_yuan', 'ms_jsxse': 'exempt_tech_sales_yuan'},
    checks=[
        [quarter_of('landed.skssq_q') ~ ' <> landed.quarter', 'not_a_period', 'skssq_q'],
        ['landed.ms_jsxse < 0', 'negative_amount', 'ms_jsxse'],
    ],
) }}
