{#- Arithmetic of the scoring models. Sums of doubles go through decimals, so that no order of rows or threads can change them. -#}

{%- macro exact_sum(x, over='') -%}
    cast(sum(cast({{ x }} as decimal(38, 18))) {{ over }} as double)
{%- endmacro -%}

{#- A value as it is compared: at the ruleset's number of decimals, half away from zero. -#}
{%- macro at_dp(x, dp) -%}
    round(({{ x }}) * power(10, {{ dp }}))
{%- endmacro -%}

{#- The decimal rounding of a value to `places`, half_up or half_even, taken from its digits at compare_dp. -#}
{%- macro round_decimal(x, places, dp, rounding) -%}
    sign({{ x }}) * (
        floor((abs({{ at_dp(x, dp) }}) + floor(power(10, {{ dp }} - {{ places }}) / 2)) / power(10, {{ dp }} - {{ places }}))
        - case
            when {{ rounding }} = 'half_even' and {{ places }} < {{ dp }}
                and abs({{ at_dp(x, dp) }}) + floor(power(10, {{ dp }} - {{ places }}) / 2)
                = power(10, {{ dp }} - {{ places }})
                * floor((abs({{ at_dp(x, dp) }}) + floor(power(10, {{ dp }} - {{ places }}) / 2)) / power(10, {{ dp }} - {{ places }}))
                and floor((abs({{ at_dp(x, dp) }}) + floor(power(10, {{ dp }} - {{ places }}) / 2)) / power(10, {{ dp }} - {{ places }})) % 2 = 1
                then 1
            else 0
        end
    ) / power(10, {{ places }})
{%- endmacro -%}

{#- The quarter (`2023Q3`) or year (`2023`) that a change compares with. -#}
{%- macro base_period(period, base) -%}
    case
        when {{ base }} = 'same_period_last_year' or length({{ period }}) = 4
            then concat(cast(substr({{ period }}, 1, 4) as int) - 1, substr({{ period }}, 5))
        when substr({{ period }}, 5) = 'Q1' then concat(cast(substr({{ period }}, 1, 4) as int) - 1, 'Q4')
        else concat(substr({{ period }}, 1, 5), cast(substr({{ period }}, 6, 1) as int) - 1)
    end
{%- endmacro -%}

{#- Quarters on one line, to count how old a value is; a year counts as its last quarter. -#}
{%- macro quarter_index(period) -%}
    cast(substr({{ period }}, 1, 4) as int) * 4 + case when length({{ period }}) = 4 then 4 else cast(substr({{ period }}, 6, 1) as int) end
{%- endmacro -%}

{#- Whether a membership row says yes: a column of 0 and 1, of names, or of marks. -#}
{%- macro is_member(group_value) -%}
    {{ group_value }} is not null and lower({{ group_value }}) not in ('', '0', 'false', 'no', 'n', '否')
{%- endmacro -%}

{#- The score that a power mean is taken relative to, so that no term exceeds one: the least for exponents below zero, else the largest. -#}
{%- macro power_unit(y, exponent, over) -%}
    case when {{ exponent }} < 0 then min({{ y }}) {{ over }} else max({{ y }}) {{ over }} end
{%- endmacro -%}

{#- The power mean of a group's scores, each relative to `unit`; nothing where a score has no such power. -#}
{%- macro power_mean(weight, y, exponent, unit) -%}
    coalesce(
        min({{ unit }}) * power(
            {{ exact_sum(weight ~ ' * case when ' ~ unit ~ ' > 0 and ' ~ y ~ ' >= 0 then power(' ~ y ~ ' / ' ~ unit ~ ', ' ~ exponent ~ ') end') }}
            / {{ exact_sum(weight) }},
            1 / min({{ exponent }})
        ),
        min({{ unit }})
    )
{%- endmacro -%}

{#- A value moved to the nearer end of an interval that may be open; the edge is compared at compare_dp. -#}
{%- macro clamped(x, low, high, dp) -%}
    case
        when {{ low }} is not null and {{ at_dp(x, dp) }} <= {{ at_dp(low, dp) }} then {{ low }}
        when {{ high }} is not null and {{ at_dp(x, dp) }} >= {{ at_dp(high, dp) }} then {{ high }}
        else {{ x }}
    end
{%- endmacro -%}

{#- A condition that always holds. Spark writes a CTE out wherever it is read, levels within levels, unless a second reading might give
    something else: then it computes the CTE once. DuckDB computes it once in any case. -#}
{%- macro computed_once() -%}
    {{- ' and rand() >= 0' if target is defined and target.type == 'spark' -}}
{%- endmacro -%}
