{{ base_tax_returns(
    'sb_yfjjkc',
    type='landed.sblx_dm',
    amounts={'xmsl': 'projects', 'yffy_gj': 'rd_expense_yuan', 'jjkc_je': 'deduction_yuan'},
    checks=[
        ["coalesce(landed.sblx_dm, '') not in ('YJ', 'HS')", 'unknown_value', 'sblx_dm'],
        ['extract(month from landed.skssq_q) <> 1 or extract(day from landed.skssq_q) <> 1', 'not_a_period', 'skssq_q'],
        ['landed.yffy_gj < 0', 'negative_amount', 'yffy_gj'],
    ],
) }}
