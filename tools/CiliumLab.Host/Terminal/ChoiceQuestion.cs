using System.Management.Automation.Host;

namespace CiliumLab.Host.Terminal;

/// <summary>A question with a few answers to choose from, such as whether a change may be made.</summary>
internal sealed class ChoiceQuestion(TerminalInput input, PSHostUserInterface screen)
{
    /// <summary>The index of the answer. What is no answer is asked again.</summary>
    public int Ask(string caption, string message, IReadOnlyList<ChoiceDescription> choices, int defaultChoice)
    {
        if (!string.IsNullOrEmpty(caption))
            screen.WriteLine(caption);
        if (!string.IsNullOrEmpty(message))
            screen.WriteLine(message);
        while (true)
        {
            screen.Write(Menu(choices, defaultChoice));
            var answer = input.Answer($"a choice ({Names(choices)})").Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
                return defaultChoice;
            if (answer == "?")
                Explain(choices);
            var chosen = choices.ToList().FindIndex(choice => Fits(answer, choice));
            if (chosen >= 0)
                return chosen;
        }
    }

    private static bool Fits(string answer, ChoiceDescription choice) =>
        answer.Equals(Key(choice), StringComparison.OrdinalIgnoreCase) || answer.Equals(Label(choice), StringComparison.OrdinalIgnoreCase);

    private static string Menu(IReadOnlyList<ChoiceDescription> choices, int defaultChoice)
    {
        var answers = string.Join("  ", choices.Select(choice => $"[{Key(choice)}] {Label(choice)}"));
        var preset = defaultChoice >= 0 ? $" (default is \"{Key(choices[defaultChoice])}\")" : "";
        return $"{answers}  [?] Help{preset}: ";
    }

    private static string Names(IReadOnlyList<ChoiceDescription> choices) => string.Join(", ", choices.Select(Label));

    // The key is the letter behind the ampersand; a label without one is its own key.
    private static string Key(ChoiceDescription choice)
    {
        var mark = choice.Label.IndexOf('&', StringComparison.Ordinal);
        return mark >= 0 && mark + 1 < choice.Label.Length ? choice.Label.Substring(mark + 1, 1).ToUpperInvariant() : choice.Label;
    }

    private static string Label(ChoiceDescription choice) => choice.Label.Replace("&", "", StringComparison.Ordinal);

    private void Explain(IReadOnlyList<ChoiceDescription> choices)
    {
        foreach (var choice in choices)
            screen.WriteLine($"{Key(choice)} - {choice.HelpMessage}");
    }
}
