using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text;

/// <summary>Damages a good output in every way that a bad copy does; a parser may warn or throw LabException, nothing else.</summary>
internal static class Garbling
{
    private const int Cuts = 150;
    private const int Flips = 150;

    private static readonly string Hostile = string.Concat(Enumerable.Range(0, 128).Select(code => (char)code)) + "é\uD800";

    /// <summary>Runs a parser over damaged versions of a text.</summary>
    public static void Survives(Func<TextReader, string?, Action<TextWarning>, IEnumerable<object>> parse, string text)
    {
        foreach (var damaged in Damaged(text))
        {
            try
            {
                foreach (var record in parse(new StringReader(damaged), "n", _ => { }))
                    Assert.NotNull(record.ToString());
            }
            catch (LabException error)
            {
                Assert.NotEqual("", error.Message);
            }
            catch (Exception error)
            {
                Assert.Fail($"{error.GetType().Name}: {error.Message} at\n{error.StackTrace}\nfor:\n{damaged}");
            }
        }
    }

    /// <summary>The damaged versions of a text, the same in every run.</summary>
    public static IEnumerable<string> Damaged(string text)
    {
        var random = new Random(1725);
        for (var cut = 0; cut < text.Length; cut += Math.Max(1, text.Length / Cuts))
        {
            yield return text[..cut];
            yield return text[cut..];
        }

        for (var i = 0; i < Flips; i++)
        {
            var letters = text.ToCharArray();
            for (var flip = 0; flip <= i / 10; flip++)
                letters[random.Next(letters.Length)] = Hostile[random.Next(Hostile.Length)];
            yield return new string(letters);
        }

        yield return text.Replace("\n", "\r\n", StringComparison.Ordinal);
        yield return string.Join('\n', text.Split('\n').OrderBy(_ => random.Next()));
    }
}
