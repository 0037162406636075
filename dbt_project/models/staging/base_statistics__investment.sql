{{ base_regional_sheet(
    'investment',
    amounts={'fai_ytd': 'fai_ytd_yuan', 'ht_inv_ytd': 'ht_inv_ytd_yuan'},
    numbers={'fai_growth': 'fai_growth_pct', 'ht_inv_growth': 'ht_inv_growth_pct'},
) }}
