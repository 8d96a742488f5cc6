using System.Globalization;

namespace CiliumLab.Host.Terminal;

/// <summary>
/// The invariant culture, which needs no ICU on the machine, under the name of a language: the engine's formatter breaks lines
/// between words only for languages that it knows.
/// </summary>
internal sealed class PlainEnglish() : CultureInfo("")
{
    public override string TwoLetterISOLanguageName => "en";
}
