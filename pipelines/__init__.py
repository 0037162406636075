"""The 315 system: from the offices' quarterly deliveries to editions that an auditor can take apart."""
