"""What staff do at once in a crisis, where a district has laid down nothing of its own."""

from contracts.codes import Language

NATIONAL_HOTLINE = "Childhelp National Child Abuse Hotline, 1-800-422-4453"
"""Answers at any hour and knows each state's own line: never empty, whatever a district wrote."""

EMERGENCY_PROCEDURE = {
    Language.ENGLISH: "If anybody is in danger now, call 911.\n"
    "Stay with the child, or have an adult stay: a child in a crisis is not left alone.\n"
    "Tell the principal, or whoever leads the school today.\n"
    "If somebody speaks of suicide or of hurting themselves, call or text 988 together.\n"
    "If you suspect abuse or neglect, call the child-protection hotline yourself.\n"
    "Call the family yourself today, unless that would put the child in danger.\n"
    "Ask an agency by telephone, and write down what was done.",
    Language.SPANISH: "Si alguien está en peligro ahora, llame al 911.\n"
    "Quédese con el niño, o que se quede un adulto: en una crisis no se le deja solo.\n"
    "Avise a la dirección, o a quien esté hoy a cargo de la escuela.\n"
    "Si alguien habla de suicidio o de hacerse daño, llamen o escriban juntos al 988.\n"
    "Si sospecha abuso o negligencia, llame usted a la línea de protección infantil.\n"
    "Llame hoy mismo a la familia, salvo que eso ponga en peligro al niño.\n"
    "Pida ayuda a una agencia por teléfono, y anote lo que se hizo.",
}
