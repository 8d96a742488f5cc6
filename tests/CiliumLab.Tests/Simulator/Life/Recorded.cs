namespace CiliumLab.Tests.Simulator.Life;

/// <summary>The recorded lab, by number.</summary>
internal static class Recorded
{
    public static string[] Lines(int number)
    {
        var file = Directory.GetFiles(Path.Combine(Fixture.Folder, "transcript"), $"{number:000}-*.txt").Single();
        return [.. File.ReadAllLines(file).Select(l => l.TrimEnd())];
    }
}
