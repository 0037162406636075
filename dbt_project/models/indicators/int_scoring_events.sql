{#- Events that rules add or take points for: one row per unit × period × event. No feed delivers any yet, so it is empty by contract. -#}

select
    cast(null as string) as unit,
    cast(null as string) as period,
    cast(null as string) as event,
    cast(null as integer) as count
where false
