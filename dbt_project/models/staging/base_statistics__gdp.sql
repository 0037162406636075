{{ base_regional_sheet('gdp', amounts={'gdp_ytd': 'gdp_ytd_yuan'}, numbers={'gdp_growth': 'gdp_growth_pct'}) }}
